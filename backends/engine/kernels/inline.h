/* inline: functions that become part of their caller, whatever the compiler
 * thinks of it, so that their constant arguments are constants in it. */
#ifndef BACKENDS_ENGINE_KERNELS_INLINE_H
#define BACKENDS_ENGINE_KERNELS_INLINE_H

#define KERN_INLINE static inline __attribute__((always_inline))

#endif
