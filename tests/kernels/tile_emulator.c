#include "tile_emulator.h"
#include "kernels/tiles.h"

#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { TILES = 8, ROWS = 16, ROW_BYTES = 64, WORDS = 16 };

typedef float words __attribute__((vector_size(ROW_BYTES)));
typedef uint32_t bits __attribute__((vector_size(ROW_BYTES)));

struct tile_state {
    bool configured;
    unsigned char rows[TILES];
    uint16_t row_bytes[TILES];
    unsigned char data[TILES][ROWS][ROW_BYTES];
};

static _Thread_local struct tile_state state;

/* A decoded instruction: VEX.128.pp.0F38.W0 opcode. */
struct instruction {
    int opcode, prefix; /* prefix: 0 none, 1 66, 2 F3, 3 F2 */
    int mod, reg, rm, second;
    char *address;
    int64_t stride;
    int64_t length;
};

enum { NONE = 0, P66 = 1, PF3 = 2, PF2 = 3 };

static int64_t general_register(const ucontext_t *context, int number)
{
    static const int places[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                 REG_R8,  REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
    return context->uc_mcontext.gregs[places[number]];
}

static int64_t displacement(const unsigned char *at, int mod, bool absolute, int64_t *length)
{
    int32_t value = 0;
    if (mod == 1) {
        *length += 1;
        return (signed char)*at;
    }
    if (mod == 2 || absolute) {
        memcpy(&value, at, sizeof value);
        *length += 4;
    }
    return value;
}

static void decode_memory(const ucontext_t *context, const unsigned char *code, struct instruction *out)
{
    const int high_index = code[1] & 0x40 ? 0 : 8, high_base = code[1] & 0x20 ? 0 : 8;
    int64_t address = 0;
    bool absolute = out->mod == 0 && out->rm == 5; /* relative to the next instruction */
    const bool relative = absolute;
    if (out->rm == 4) {
        const int sib = code[out->length++], index = (sib >> 3 & 7) + high_index, base = sib & 7;
        absolute = out->mod == 0 && base == 5;
        out->stride = index != 4 ? general_register(context, index) * (1 << (sib >> 6)) : 0;
        address = absolute ? 0 : general_register(context, base + high_base);
    } else if (!relative) {
        address = general_register(context, out->rm + high_base);
    }
    address += displacement(code + out->length, out->mod, absolute, &out->length);
    out->address = (char *)(relative ? address + (int64_t)(code + out->length) : address);
}

static bool decode(const ucontext_t *context, const unsigned char *code, struct instruction *out)
{
    if (code[0] != 0xc4 || (code[1] & 0x1f) != 2 || (code[2] & 0x84) != 0)
        return false;
    *out = (struct instruction){.opcode = code[3],
                                .prefix = code[2] & 3,
                                .mod = code[4] >> 6,
                                .reg = code[4] >> 3 & 7,
                                .rm = code[4] & 7,
                                .second = (~code[2] >> 3) & 15,
                                .length = 5};
    if (out->mod != 3)
        decode_memory(context, code, out);
    return true;
}

static void configure(const char *from)
{
    state.configured = from[0] == 1;
    memset(state.data, 0, sizeof state.data);
    memcpy(state.row_bytes, from + 16, sizeof state.row_bytes);
    memcpy(state.rows, from + 48, sizeof state.rows);
}

static void load(int tile, const char *from, int64_t stride)
{
    memset(state.data[tile], 0, sizeof state.data[tile]);
    for (int row = 0; row < state.rows[tile]; row++)
        memcpy(state.data[tile][row], from + row * stride, state.row_bytes[tile]);
}

static void store(int tile, char *to, int64_t stride)
{
    for (int row = 0; row < state.rows[tile]; row++)
        memcpy(to + row * stride, state.data[tile][row], state.row_bytes[tile]);
}

/* Even and odd values of depth have sums of their own, which are added at the end. */
__attribute__((target("avx512f"))) static void multiply(int sums, int left, int right)
{
    for (int row = 0; row < state.rows[sums]; row++) {
        words even = {0}, odd = {0}, sum;
        for (int k = 0; k < state.row_bytes[left] / 4; k++) {
            uint32_t pair;
            bits weights;
            memcpy(&pair, state.data[left][row] + 4 * k, sizeof pair);
            memcpy(&weights, state.data[right][k], sizeof weights);
            const __m512 low = _mm512_castsi512_ps(_mm512_set1_epi32((int)(pair << 16)));
            const __m512 high = _mm512_castsi512_ps(_mm512_set1_epi32((int)(pair & 0xffff0000u)));
            even = (words)_mm512_fmadd_ps(low, (__m512)(weights << 16), (__m512)even);
            odd = (words)_mm512_fmadd_ps(high, (__m512)(weights & 0xffff0000u), (__m512)odd);
        }
        memcpy(&sum, state.data[sums][row], sizeof sum);
        sum += even + odd;
        memcpy(state.data[sums][row], &sum, sizeof sum);
    }
}

/* False for what is no tile instruction, or one without a configuration. */
static bool carry_out(const struct instruction *in)
{
    if (in->opcode == 0x49 && in->prefix == NONE && in->mod != 3 && in->reg == 0) {
        configure(in->address);
        return true;
    }
    if (!state.configured)
        return false;
    if (in->opcode == 0x49 && in->prefix == NONE && in->mod == 3)
        memset(&state, 0, sizeof state);
    else if (in->opcode == 0x49 && in->prefix == PF2)
        memset(state.data[in->reg], 0, sizeof state.data[in->reg]);
    else if (in->opcode == 0x4b && (in->prefix == PF2 || in->prefix == P66) && in->rm == 4)
        load(in->reg, in->address, in->stride);
    else if (in->opcode == 0x4b && in->prefix == PF3 && in->rm == 4)
        store(in->reg, in->address, in->stride);
    else if (in->opcode == 0x5c && in->prefix == PF3 && in->mod == 3)
        multiply(in->reg, in->rm, in->second);
    else
        return false;
    return true;
}

static void trap(int number, siginfo_t *information, void *argument)
{
    (void)number;
    (void)information;
    ucontext_t *context = argument;
    struct instruction instruction;
    _mm_setcsr(0x9fc0); /* denormals are zero, whatever the thread's mode */
    int64_t done = 0;
    for (;; done++) { /* and those that follow at once, as a trap costs more than they do */
        const unsigned char *code = (const unsigned char *)context->uc_mcontext.gregs[REG_RIP];
        if (!decode(context, code, &instruction) || !carry_out(&instruction))
            break;
        context->uc_mcontext.gregs[REG_RIP] += instruction.length;
    }
    if (done == 0)
        abort();
}

bool tile_emulator_serve(gan_context *context)
{
    if (gan_tiles_available(context))
        return true;
    struct sigaction action = {.sa_flags = SA_SIGINFO};
    action.sa_sigaction = trap;
    if (context->kernels != GAN_KERNELS_AVX512 || sigaction(SIGILL, &action, NULL) != 0)
        return false;
    context->emulates_tiles = true;
    return true;
}

bool tile_emulator_is_released(void)
{
    return !state.configured;
}

#else

bool tile_emulator_serve(gan_context *context)
{
    return gan_tiles_available(context);
}

bool tile_emulator_is_released(void)
{
    return true;
}

#endif
