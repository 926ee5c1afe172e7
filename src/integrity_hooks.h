/*
 * integrity_hooks.h
 *		Guards that triggers cannot be, if the library is preloaded.
 */
#ifndef MAESTRO_INTEGRITY_HOOKS_H
#define MAESTRO_INTEGRITY_HOOKS_H

/* Put the hooks in place; while preloading. */
extern void integrity_hooks_install(void);

/* Are they in place? */
extern bool integrity_hooks_are_installed(void);

#endif /* MAESTRO_INTEGRITY_HOOKS_H */
