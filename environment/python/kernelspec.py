"""Writes the Jupyter kernel derta-java into the virtual environment of a clone.

    kernelspec.py DERTA_DIR

The kernel is JJava as environment/kernel mends it, started without its launcher, which would split options at the blanks of a
path. Java, its options and the environment come from DERTA_DIR/settings.env.
"""

import json
import os
import sys
from pathlib import Path

derta = Path(sys.argv[1])
settings = dict(
    line.split("=", 1) for line in (derta / "settings.env").read_text().splitlines() if line
)
java, options = settings.pop("DERTA_JAVA"), settings.pop("DERTA_JAVA_OPTIONS").split()
kernels = Path(sys.prefix) / "share/jupyter/kernels"
kernel = {
    "argv": [java, *options]
    + ["--add-opens", "jdk.jshell/jdk.jshell=ALL-UNNAMED"]
    + ["-Djava.util.logging.config.file={resource_dir}/logging.properties"]
    + ["-cp", os.pathsep.join([str(kernels / "java/jjava.jar"), str(derta / "kernel")])]
    + ["org.dflib.jjava.distro.DertaKernel", "{connection_file}"],
    "display_name": "Java (DeRTa)",
    "language": "java",
    "interrupt_mode": "message",
    "env": {
        **settings,
        "JJAVA_CLASSPATH": str(Path(settings["DERTA_LIB"]) / "*.jar"),
        "DERTA_HOME": str(derta.parent),
    },
}
# The package brings a kernel without this library, which nobody should choose by mistake.
(kernels / "java/kernel.json").unlink(missing_ok=True)
folder = kernels / "derta-java"
folder.mkdir(parents=True, exist_ok=True)
(folder / "kernel.json").write_text(json.dumps(kernel, indent=1) + "\n")
# The kernel tells of every loop that starts and stops.
(folder / "logging.properties").write_text(
    "handlers=java.util.logging.ConsoleHandler\n.level=WARNING\n"
)
