"""Where the numbers come from, and the only room that knows SQL. Knows nothing of Dash or Plotly."""
