"""How a message is understood: components of Rasa's pipeline, named in config.yml."""
