"""Reports written on a device without a network and sent when it is back."""
