/* The barest echo server with a thread for each client: what the machine can do. */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static void *echo(void *client) {
    int fd = (int)(intptr_t)client;
    char bytes[2048];
    ssize_t n;
    while ((n = read(fd, bytes, sizeof bytes)) > 0)
        for (ssize_t sent = 0, now; sent < n; sent += now)
            if ((now = write(fd, bytes + sent, n - sent)) < 0) goto end;
end:
    close(fd);
    return NULL;
}

int main(void) {
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof addr;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    signal(SIGPIPE, SIG_IGN);
    if (bind(listener, (struct sockaddr *)&addr, size) || listen(listener, 1024)) return 1;
    getsockname(listener, (struct sockaddr *)&addr, &size);
    printf("listening on 127.0.0.1:%d\n", ntohs(addr.sin_port));
    fflush(stdout);
    for (;;) {
        pthread_t thread;
        int fd = accept(listener, NULL, NULL), on = 1;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (fd < 0 || pthread_create(&thread, NULL, echo, (void *)(intptr_t)fd)) return 1;
        pthread_detach(thread);
    }
}
