/* Sends OSC messages at given instants, as exactly as a C program does: the yardstick beside which beatsync is measured.
 *
 *     sender MODE PRIORITY < plan
 *
 * MODE: sleep (clock_nanosleep to the instant), spin (to 100 us before it, then reading the clock). PRIORITY: of
 * SCHED_FIFO, 0 for none. The plan: a line for each message, "instant-in-ns port number", instants rising; one with
 * the same instant as the one before is sent right after it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

#define MOST 2000000
#define MARGIN 100000L

struct message { int64_t at; int port; uint32_t number; };

static struct message plan[MOST];
static int sockets[65536];

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000L + t.tv_nsec;
}

static void sleep_until(int64_t at) {
    struct timespec t = {at / 1000000000L, at % 1000000000L};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)) {}
}

int main(int argc, char **argv) {
    if (argc < 3) return 64;
    int spin = !strcmp(argv[1], "spin"), count = 0, priority = atoi(argv[2]);
    while (count < MOST && scanf("%ld %d %u", &plan[count].at, &plan[count].port, &plan[count].number) == 3) count++;
    for (int i = 0; i < count; i++) {
        int *s = &sockets[plan[i].port];
        if (*s) continue;
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(plan[i].port)};
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        *s = socket(AF_INET, SOCK_DGRAM, 0);
        if (connect(*s, (void *)&to, sizeof to)) return 69;
    }
    mlockall(MCL_CURRENT | MCL_FUTURE);
    prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
    if (priority) {
        struct sched_param p = {.sched_priority = priority};
        if (sched_setscheduler(0, SCHED_FIFO, &p)) return 77;
    }
    char packet[20] = "/measure\0\0\0\0,i\0\0";
    for (int i = 0; i < count; i++) {
        if (!i || plan[i].at != plan[i - 1].at) {
            if (spin) {
                if (plan[i].at - now() > MARGIN) sleep_until(plan[i].at - MARGIN);
                while (now() < plan[i].at) {}
            } else {
                sleep_until(plan[i].at);
            }
        }
        uint32_t number = htonl(plan[i].number);
        memcpy(packet + 16, &number, 4);
        send(sockets[plan[i].port], packet, sizeof packet, 0);
    }
    return 0;
}
