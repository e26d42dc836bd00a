/* A disk that keeps only what was fsynced: LD_PRELOAD it, kill the process, and build the directory from what is kept.
 *
 * POWER_LOSS_DIRECTORY is watched, POWER_LOSS_DISK is where the kept things are:
 *   inode-N   the bytes of file N as they were at its last fsync
 *   name-X    the number of the file that had the name X at the last fsync of the directory
 * A file whose name was never synced is gone; a name whose bytes were never synced is an empty file. That is what POSIX
 * promises and no more; real file systems keep more.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *disk(void) { return getenv("POWER_LOSS_DISK"); }

/* Replaces a kept thing whole, so that being killed in here does not leave half of it. */
static void keep(const char *name, int from, const char *text) {
    char part[PATH_MAX], whole[PATH_MAX], block[65536];
    snprintf(part, sizeof part, "%s/part", disk());
    snprintf(whole, sizeof whole, "%s/%s", disk(), name);
    int to = open(part, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (to < 0) abort();
    if (text != NULL && write(to, text, strlen(text)) < 0) abort();
    if (text == NULL) {
        off_t offset = 0;
        ssize_t count;
        while ((count = pread(from, block, sizeof block, offset)) > 0) {
            if (write(to, block, (size_t)count) != count) abort();
            offset += count;
        }
        if (count < 0) abort();
    }
    close(to);
    if (rename(part, whole) != 0) abort();
}

static void keep_names(const char *directory) {
    char path[PATH_MAX], name[PATH_MAX], number[32];
    struct dirent *entry;
    struct stat facts;
    DIR *real = opendir(directory), *kept = opendir(disk());
    if (real == NULL || kept == NULL) abort();
    while ((entry = readdir(real)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (lstat(path, &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
        snprintf(name, sizeof name, "name-%s", entry->d_name);
        snprintf(number, sizeof number, "%lu", (unsigned long)facts.st_ino);
        keep(name, -1, number);
    }
    while ((entry = readdir(kept)) != NULL) {
        if (strncmp(entry->d_name, "name-", 5) != 0) continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name + 5);
        snprintf(name, sizeof name, "%s/%s", disk(), entry->d_name);
        if (lstat(path, &facts) != 0) unlink(name);
    }
    closedir(real);
    closedir(kept);
}

static void synced(int descriptor) {
    char link[64], path[PATH_MAX], name[64];
    const char *watched = getenv("POWER_LOSS_DIRECTORY");
    struct stat facts;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (watched == NULL || disk() == NULL || length < 0 || fstat(descriptor, &facts) != 0) return;
    path[length] = '\0';
    if (strncmp(path, watched, strlen(watched)) != 0) return;
    if (S_ISDIR(facts.st_mode)) {
        keep_names(path);
    } else if (S_ISREG(facts.st_mode)) {
        snprintf(name, sizeof name, "inode-%lu", (unsigned long)facts.st_ino);
        /* The descriptor may be for writing only. Closing ours drops the process's locks on the file (POSIX), which
         * would matter with a second process; here there is one. */
        int from = open(link, O_RDONLY);
        if (from < 0) abort();
        keep(name, from, NULL);
        close(from);
    }
}

int fsync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    int result = real(descriptor);
    if (result == 0) synced(descriptor);
    return result;
}

int fdatasync(int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    int result = real(descriptor);
    if (result == 0) synced(descriptor);
    return result;
}
