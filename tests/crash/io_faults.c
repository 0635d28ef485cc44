// Preloaded into the server: counts its calls that change files below IO_FAULTS_BELOW, and lets the N-th one fail or be the last.
// The orders lie in the file IO_FAULTS, which io_faults.py writes while the server runs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct orders {
  _Atomic uint64_t calls;
  _Atomic uint64_t kill_at;
  _Atomic uint64_t fail_at;
  _Atomic uint64_t fail_with;
};

static struct orders* orders;
static const char* below;

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("IO_FAULTS");
  below = getenv("IO_FAULTS_BELOW");
  const int file = path != NULL && below != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
  void* mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct orders), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (mapped == MAP_FAILED) abort();
  orders = mapped;
  close(file);
}

// True where this call has to fail, with errno set.
static int meets_fault(const char* path) {
  if (orders == NULL || strncmp(path, below, strlen(below)) != 0) return 0;
  const uint64_t number = atomic_fetch_add(&orders->calls, 1) + 1;
  if (number == atomic_load(&orders->kill_at)) raise(SIGKILL);
  if (number != atomic_load(&orders->fail_at)) return 0;
  errno = (int)atomic_load(&orders->fail_with);
  return 1;
}

static int meets_fault_at(int file) {
  char link[32] = "/proc/self/fd/";
  char digits[12];
  char path[PATH_MAX];
  int count = 0, at = 14;
  for (unsigned rest = (unsigned)file; rest > 0 || count == 0; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  while (count > 0) link[at++] = digits[--count];
  link[at] = '\0';
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return meets_fault(path);
}

#define REAL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

ssize_t write(int file, const void* bytes, size_t size) { return meets_fault_at(file) ? -1 : REAL(write, file, bytes, size); }
ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) { return meets_fault_at(file) ? -1 : REAL(pwrite, file, bytes, size, at); }
ssize_t pwritev(int file, const struct iovec* parts, int count, off_t at) {
  return meets_fault_at(file) ? -1 : REAL(pwritev, file, parts, count, at);
}
int fdatasync(int file) { return meets_fault_at(file) ? -1 : REAL(fdatasync, file); }
int fsync(int file) { return meets_fault_at(file) ? -1 : REAL(fsync, file); }
int ftruncate(int file, off_t size) { return meets_fault_at(file) ? -1 : REAL(ftruncate, file, size); }
int rename(const char* from, const char* to) { return meets_fault(from) ? -1 : REAL(rename, from, to); }
int unlink(const char* path) { return meets_fault(path) ? -1 : REAL(unlink, path); }
int mkdir(const char* path, mode_t mode) { return meets_fault(path) ? -1 : REAL(mkdir, path, mode); }
