/* Overrides system calls through LD_PRELOAD. While the file LYCEUM_FAULT contains "write <errno>", "grow <errno>" or
   "sync <errno>", calls that write to, extend or flush the store's data file fail with that error. "write 0" writes
   only half of the bytes. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int fault(const char *call, int fd, off64_t end) {
  char text[64] = "", name[32] = "", link[32], path[4096] = "";
  int error = -1, file = open(getenv("LYCEUM_FAULT"), O_RDONLY);
  if (file < 0) return -1;
  if (read(file, text, sizeof text - 1) < 0) text[0] = 0;
  close(file);
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (readlink(link, path, sizeof path - 1) < 8 || !strstr(path, "data.mdb")) return -1;
  if (sscanf(text, "%31s %d", name, &error) != 2) return -1;
  struct stat64 now;
  int grows = end > 0 && fstat64(fd, &now) == 0 && end > now.st_size && !strcmp(name, "grow");
  if (strcmp(name, call) && !grows) return -1;
  errno = error;
  return error;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
  int error = fault("write", fd, at + size);
  return error > 0 ? -1 : real(fd, bytes, error == 0 ? size / 2 : size, at);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  static ssize_t (*real)(int, const struct iovec *, int);
  if (!real) real = dlsym(RTLD_NEXT, "writev");
  off64_t end = lseek64(fd, 0, SEEK_CUR);
  for (int i = 0; i < count; i++) end += parts[i].iov_len;
  int error = fault("write", fd, end);
  return error > 0 ? -1 : real(fd, parts, error == 0 ? count - 1 : count);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fdatasync");
  return fault("sync", fd, 0) > 0 ? -1 : real(fd);
}

int fsync(int fd) {
  static int (*real)(int);
  if (!real) real = dlsym(RTLD_NEXT, "fsync");
  return fault("sync", fd, 0) > 0 ? -1 : real(fd);
}
