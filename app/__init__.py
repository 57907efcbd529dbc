"""The web application: thin pages over the services of `consortium`, with a gate in front."""
