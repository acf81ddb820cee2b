"""The company's side: what is carried for whom, for how much, under which contract; no physics in here."""
