"""The participatory budget: editions, proposals, verification, the draw of the ballot, realisation of what won."""
