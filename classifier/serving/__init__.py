"""The serving process: tags over HTTP, each stored before it is answered."""
