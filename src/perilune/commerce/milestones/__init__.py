"""The milestones of missions on the company's side: what is declared, on which evidence."""
