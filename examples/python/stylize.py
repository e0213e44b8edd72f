#!/usr/bin/env python3
"""A photo through a trained generator: python3 stylize.py MODEL.safetensors PHOTO.jpg RESULT.png"""

import sys

import gan


def main(model_path, photo_path, result_path):
    context = gan.Context()
    model = gan.Model.load(context, model_path)
    photo = gan.load_image(context, photo_path)
    gan.save_image(context, model.stylize(photo), result_path)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except gan.Error as error:
        sys.exit(f"{error.status}: {error}")
