# SPDX-License-Identifier: GPL-2.0-only
# cmake -DINPUT=FILE -DOUTPUT=FILE -DNAME=identifier -P EmbedText.cmake: a text as a C string
file(READ ${INPUT} text)
string(REPLACE "\\" "\\\\" text "${text}")
string(REPLACE "\"" "\\\"" text "${text}")
string(REPLACE "\n" "\\n\"\n\t\"" text "${text}")
file(WRITE ${OUTPUT} "static const char ${NAME}[] =\n\t\"${text}\";\n")
