"""Groups of parameters by pattern, by layer and stacked, in every container, frozen, thawed and added."""
