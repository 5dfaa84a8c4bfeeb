"""Any image file becomes what the network takes."""

import numpy as np
import pytest
from PIL import Image
from tinytorch_cifar10.image_files import read_image


def write(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "P", "CMYK"])
def test_every_mode_becomes_three_colours(tmp_path, mode):
    name = "image.jpg" if mode == "CMYK" else "image.png"
    Image.new("RGB", (80, 50), (200, 30, 90)).convert(mode).save(tmp_path / name)
    image = read_image(tmp_path / name)
    assert image.shape == (3, 32, 32)
    assert image.dtype == np.uint8


def test_colours_stay_in_their_channels(tmp_path):
    red = np.zeros((40, 40, 3), np.uint8)
    red[..., 0] = 250
    image = read_image(write(tmp_path / "red.png", red))
    assert image[0].min() == 250
    assert image[1:].max() == 0


def test_an_image_of_the_right_size_is_left_alone(tmp_path):
    pixels = np.random.default_rng(0).integers(256, size=(32, 32, 3)).astype(np.uint8)
    image = read_image(write(tmp_path / "small.png", pixels))
    np.testing.assert_array_equal(image, pixels.transpose(2, 0, 1))


def test_the_middle_of_a_wide_image_is_seen(tmp_path):
    wide = np.zeros((32, 96, 3), np.uint8)
    wide[:, 32:64] = 255
    assert read_image(write(tmp_path / "wide.png", wide)).min() == 255


def test_what_is_transparent_is_white(tmp_path):
    clear = np.zeros((32, 32, 4), np.uint8)
    assert read_image(write(tmp_path / "clear.png", clear)).min() == 255


def test_a_photograph_is_turned_as_its_camera_was(tmp_path):
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[:16] = 255  # bright above; with orientation 3, turned by 180 degrees, below
    orientation = Image.Exif()
    orientation[0x0112] = 3
    image = read_image(write(tmp_path / "turned.png", pixels, exif=orientation))
    assert image[:, 16:].min() == 255
    assert image[:, :16].max() == 0


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n broken"])
def test_a_file_that_is_no_image_is_named(tmp_path, content):
    path = tmp_path / "story.png"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"story\.png: cannot be read as an image"):
        read_image(path)
