"""The report on the state of the environment: counted by a job, told by a person, published in versions."""
