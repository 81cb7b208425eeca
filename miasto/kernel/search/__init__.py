"""One search box over everything that the viewer may see."""
