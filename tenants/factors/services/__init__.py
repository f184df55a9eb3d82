"""What can be done with second factors; one file per verb."""
