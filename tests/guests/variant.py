# SPDX-License-Identifier: Apache-2.0
"""Tables that are partitions/edge with something else in its place."""
import re
import subprocess

TABLE = """// SPDX-License-Identifier: Apache-2.0
/* partitions/edge with another kernel, other boot arguments, and what follows. */
#include "edge/table.dts"

&linux {{
	bootargs = "{arguments}";
	image {{ file = "{kernel}/Image"; }};
	initrd {{ file = "{kernel}/initrd"; }};
}};
{more}"""
APPLIANCE = """# SPDX-License-Identifier: Apache-2.0
include partitions/edge/appliance.mk
"""


def boot_words():
    """What partitions/edge gives linux to boot with, steps apart."""
    text = subprocess.run("cpp -nostdinc -undef -P -D__DTS__ -x assembler-with-cpp -I platform -I partitions "
                          "partitions/edge/table.dts", shell=True, check=True, capture_output=True, text=True).stdout
    given = re.search(r'linux: .*?bootargs = "(.*?)"', text, re.S)[1]
    return [word for word in given.split() if not word.startswith("steps=")]


def write(folder, kernel, words, more="", appliance=""):
    """`more` is appended to the table, `appliance` to appliance.mk. Returns the table's path."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "table.dts").write_text(TABLE.format(kernel=kernel, arguments=" ".join(words), more=more))
    (folder / "appliance.mk").write_text(APPLIANCE + appliance)
    return folder / "table.dts"
