"""Any image file as the network wants it: 32×32 pixels in three colours."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from tinytorch.tensor import Array

SIDE = 32


def read_image(path: Path) -> Array:
    """The largest centred square of an image, scaled to (3, 32, 32), uint8.

    What is transparent becomes white; a photograph is turned as its camera was. Raises ValueError
    for a file that is no image.
    """
    try:
        with Image.open(path) as opened:
            turned = ImageOps.exif_transpose(opened).convert("RGBA")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise ValueError(f"{path}: cannot be read as an image ({error})") from error
    image = Image.alpha_composite(Image.new("RGBA", turned.size, "white"), turned).convert("RGB")
    square = ImageOps.fit(image, (SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(square, np.uint8).transpose(2, 0, 1).copy()
