"""What the city is heated with: the inventory read from the state's register of emissions of buildings (CEEB)."""
