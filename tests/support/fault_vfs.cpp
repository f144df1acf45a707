#include "tests/support/fault_vfs.hpp"

#include <sqlite3.h>

#include <cstring>
#include <limits>

namespace mcp::test {

namespace {

struct State {
  std::uint64_t left = std::numeric_limits<std::uint64_t>::max();
  DiskFault fault = DiskFault::Io;
  bool armed = false;
  bool stays = false;
  bool struck = false;

  bool strikes() {
    if (!armed) return false;
    if (struck) return stays;
    struck = left-- == 0;
    return struck;
  }
};

/// SQLite hands out files, not contexts, so the one state of the program stands here.
State& state() {
  static State it;
  return it;
}

struct File {
  sqlite3_file base;
  sqlite3_file* real;
};
sqlite3_file* real(sqlite3_file* f) { return reinterpret_cast<File*>(f)->real; }

int file_close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int file_read(sqlite3_file* f, void* to, int amount, sqlite3_int64 at) {
  if (state().armed && state().fault == DiskFault::Io && state().strikes()) return SQLITE_IOERR_READ;
  return real(f)->pMethods->xRead(real(f), to, amount, at);
}
int file_write(sqlite3_file* f, const void* from, int amount, sqlite3_int64 at) {
  if (!state().strikes()) return real(f)->pMethods->xWrite(real(f), from, amount, at);
  switch (state().fault) {
    case DiskFault::Full: return SQLITE_FULL;
    case DiskFault::Io: return SQLITE_IOERR_WRITE;
    case DiskFault::ShortWrite:
      (void)real(f)->pMethods->xWrite(real(f), from, amount / 2, at);
      return SQLITE_IOERR_WRITE;
  }
  return SQLITE_IOERR;
}
int file_truncate(sqlite3_file* f, sqlite3_int64 size) {
  return state().strikes() ? SQLITE_IOERR_TRUNCATE : real(f)->pMethods->xTruncate(real(f), size);
}
int file_sync(sqlite3_file* f, int flags) { return state().strikes() ? SQLITE_IOERR_FSYNC : real(f)->pMethods->xSync(real(f), flags); }
int file_size(sqlite3_file* f, sqlite3_int64* size) { return real(f)->pMethods->xFileSize(real(f), size); }
int file_lock(sqlite3_file* f, int level) { return real(f)->pMethods->xLock(real(f), level); }
int file_unlock(sqlite3_file* f, int level) { return real(f)->pMethods->xUnlock(real(f), level); }
int file_reserved(sqlite3_file* f, int* out) { return real(f)->pMethods->xCheckReservedLock(real(f), out); }
int file_control(sqlite3_file* f, int op, void* arg) { return real(f)->pMethods->xFileControl(real(f), op, arg); }
int file_sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int file_device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) { return real(f)->pMethods->xShmMap(real(f), page, size, extend, out); }
int shm_lock(sqlite3_file* f, int offset, int n, int flags) { return real(f)->pMethods->xShmLock(real(f), offset, n, flags); }
void shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int shm_unmap(sqlite3_file* f, int remove) { return real(f)->pMethods->xShmUnmap(real(f), remove); }

const sqlite3_io_methods methods = {
    2,         file_close, file_read,     file_write,   file_truncate, file_sync,   file_size, file_lock,   file_unlock, file_reserved, file_control,
    file_sector, file_device, shm_map, shm_lock, shm_barrier, shm_unmap, nullptr, nullptr,
};

int vfs_open(sqlite3_vfs* vfs, const char* name, sqlite3_file* f, int flags, int* out_flags) {
  auto* under = static_cast<sqlite3_vfs*>(vfs->pAppData);
  auto* file = reinterpret_cast<File*>(f);
  file->base.pMethods = nullptr;
  file->real = reinterpret_cast<sqlite3_file*>(file + 1);
  std::memset(file->real, 0, static_cast<std::size_t>(under->szOsFile));
  const int rc = under->xOpen(under, name, file->real, flags, out_flags);
  if (file->real->pMethods != nullptr) file->base.pMethods = &methods;
  return rc;
}

}  // namespace

struct FaultVfs::Impl {
  sqlite3_vfs* under = nullptr;
  sqlite3_vfs vfs{};
};

FaultVfs::FaultVfs() : impl_(std::make_unique<Impl>()) {
  state() = State{};
  impl_->under = sqlite3_vfs_find(nullptr);
  impl_->vfs = *impl_->under;
  impl_->vfs.pNext = nullptr;
  impl_->vfs.zName = "mcp-fault";
  impl_->vfs.pAppData = impl_->under;
  impl_->vfs.szOsFile = static_cast<int>(sizeof(File)) + impl_->under->szOsFile;
  impl_->vfs.xOpen = vfs_open;
  sqlite3_vfs_register(&impl_->vfs, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&impl_->vfs);
  sqlite3_vfs_register(impl_->under, 1);
}

void FaultVfs::arm(std::uint64_t k, DiskFault fault, bool stays) { state() = State{k, fault, true, stays, false}; }
void FaultVfs::disarm() { state().armed = false; }
bool FaultVfs::struck() const { return state().struck; }

}  // namespace mcp::test
