"""The hand-over of shifts: who is on duty, notes to the next, tasks taken over by name."""
