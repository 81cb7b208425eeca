"""The engines that every city solution stands on; knows no module."""
