"""The images, the Compose file and the manifests, read as what they are: no engine and no cluster is needed."""
