from setuptools import Extension, setup

setup(
    name="distance",
    version="0.9",
    packages=["distance"],
    ext_modules=[Extension("distance._fast", ["src/fast.c"], extra_compile_args=["-O2", "-Wall"])],
)
