"""What kind of content a file holds, by its name and size: code, data, model ... Reads nothing."""

from __future__ import annotations

import re

from mllint.roles import DATA_FOLDERS

_KINDS = {
    "code": (
        "py pyi pyx pxd pyw r jl scala java kt c h cc cpp cxx hpp cu cuh go rs js jsx ts tsx mjs "
        "rb pl lua m swift cs sh bash zsh fish ps1 bat cmd sql proto thrift cmake mk smk nix html "
        "css scss vue svelte rmd qmd j2 jinja"
    ),
    "notebook": "ipynb",
    "data": (
        "csv tsv psv dat data arff libsvm svm svmlight jsonl ndjson parquet pq feather arrow ipc "
        "orc avro xlsx xls xlsb ods dta sas7bdat rds rda rdata dbf lance npy npz hdf5 hdf he5 zarr "
        "nc nc4 mat fits root grib grb2 tfrecord tfrecords tfrec rec mds wds idx lmdb mdb beton db "
        "sqlite sqlite3 duckdb accdb dump bak geojson shp gpkg kml las laz ply pcd fasta fa fastq "
        "fq bam sam vcf bed h5ad loom mtx sdf mol mol2 pdb smi edf bdf"
    ),
    "model": (
        "pkl pickle joblib dill cloudpickle pt pth ckpt pt2 torchscript mar pte pb keras tflite "
        "tfjs onnx ort pmml pfa mlmodel mlpackage nnef engine plan trt uff caffemodel params "
        "pdmodel pdiparams mnn rknn kmodel hef ubj cbm lgb xgb bst safetensors gguf ggml gptq awq "
        "exl2 llamafile litertlm msgpack flax spacy fasttext ftz vec kv annoy faiss mojo nemo skops"
    ),
    "image": (
        "jpg jpeg png tif tiff bmp gif webp jp2 heic dcm nii mha nrrd svs ndpi czi geotiff svg ico"
    ),
    "media": "wav mp3 flac ogg m4a mp4 avi mov mkv webm",
    "archive": "zip tar tgz gz bz2 xz 7z rar zst whl egg jar",
    "config": (
        "toml yaml yml json jsonc json5 ini cfg conf config env properties xml lock tf tfvars hcl "
        "dvc editorconfig prototxt"
    ),
    "doc": "md markdown rst txt tex bib pdf doc docx odt ppt pptx rtf adoc org log",
    "binary": "bin so dll dylib exe o a lib pyc pyd class wasm dmg deb rpm iso ttf otf woff woff2",
}  # fmt: skip
_BY_EXT = {f".{ext}": kind for kind, exts in _KINDS.items() for ext in exts.split()}

_EITHER = frozenset({".h5", ".sav", ".p", ".index", ".model", ".pb", ".bin", ".pkl", ".pickle"})
"""Data or a model: the folder or the name tells."""

_MODEL_FOLDERS = frozenset(
    {"models", "model", "weights", "checkpoints", "checkpoint", "ckpt", "ckpts", "pretrained"}
)
_MODEL_NAME = re.compile(r"model|weights?|ckpt|checkpoint|classifier|regressor|encoder|scaler")
TEXT_DATA = 1_000_000
"""Bytes from which a JSON, XML or YAML file is taken for data."""

_NAMES = {
    "dockerfile": "config", "containerfile": "config", "makefile": "code", "jenkinsfile": "config",
    "procfile": "config", "pipfile": "config", "snakefile": "code", "justfile": "code",
    "license": "doc", "licence": "doc", "copying": "doc", "readme": "doc", "notice": "doc",
    "authors": "doc", "codeowners": "config", "mlproject": "config", "mlmodel": "config",
}  # fmt: skip


def extension(path: str) -> str:
    """The last suffix, lower case, with its dot; "" where there is none."""
    stem, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return f".{suffix.lower()}" if dot and stem and suffix else ""


def kind(path: str, size: int) -> str:
    """code, notebook, data, model, image, media, archive, config, doc, binary or other."""
    *folders, name = path.lower().split("/")
    ext = extension(path)
    known = _BY_EXT.get(ext, "")
    if ext in _EITHER:
        if not _MODEL_FOLDERS.isdisjoint(folders) or _MODEL_NAME.search(name):
            return "model"
        in_data = not DATA_FOLDERS.isdisjoint(folders)
        return "data" if in_data or ext in {".h5", ".sav"} else known or "binary"
    if ext in {".json", ".xml", ".yaml", ".yml"} and size >= TEXT_DATA:
        return "data"
    if ext == ".txt":
        if "requirements" in name or "constraints" in name:
            return "config"
        return "doc" if DATA_FOLDERS.isdisjoint(folders) else "data"
    if known:
        return known
    if name.startswith("."):
        return "config"
    return _NAMES.get(name.split(".")[0], "other")
