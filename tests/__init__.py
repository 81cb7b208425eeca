"""What crosses modules. A package of its own: a dependency (mlforecast) installs a ``tests`` that would hide it."""
