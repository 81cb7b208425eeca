"""Base pages, components and the design system: how every page of the platform looks, reads and is operated."""
