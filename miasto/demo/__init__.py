"""The demo city that ``run`` loads: made up from a seed, relative to today, brought in by the engines' own loaders."""
