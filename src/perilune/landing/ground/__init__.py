"""The ground a lander meets: elevation, normals and ranges along a beam, and gravity near its corridor."""
