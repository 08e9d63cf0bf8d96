"""What is on each screen: a grid of panels, one file a screen, no ids and no callbacks. Only pages know both how to ask
and how to show."""
