"""Which names may be carried: nobody speaks as the platform, nor under a neighbour's name."""
