/* SPDX-License-Identifier: Apache-2.0 */
/* The digest of an image, by the code that compares it at boot. */
#include <stdlib.h>

#include <mullion/sha256.h>

#include "diag.h"
#include "ptc.h"

/* All of it, as long as it was when image.c looked. */
static uint8_t *image_load(const struct image *image)
{
	uint8_t *bytes = keep_alloc(image->size, 1);
	FILE *file = fopen(image->path, "rb");
	bool complete = file && fread(bytes, 1, image->size, file) == image->size && fgetc(file) == EOF;

	if (file)
		fclose(file);
	if (!complete)
		fatal("%s cannot be read, or changed meanwhile", image->path);
	return bytes;
}

void emit_image_digest(FILE *out, const struct image *image)
{
	uint8_t digest[SHA256_SIZE];
	const uint8_t *bytes = image->bytes ? image->bytes : image_load(image);

	sha256(bytes, image->size, digest);
	fprintf(out, "\t  .digest = {");
	for (size_t i = 0; i < SHA256_SIZE; i++)
		fprintf(out, "%s0x%02x,", i % 16 ? " " : "\n\t\t", digest[i]);
	fprintf(out, "\n\t  },\n");
}
