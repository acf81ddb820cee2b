"""Where events and files are kept so that nothing acknowledged is lost, and nothing can be changed unseen."""
