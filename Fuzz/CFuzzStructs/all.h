/* One section with a member of every type and shape. */
#include "every_type.h"

/* What members point to, from FUZZ_STRUCT_SIZE on. */
enum { ALL_FAR = 0, ALL_TEXT = 128, ALL_JOBS = 256 };

static void fill_all(struct all *all, unsigned char *beyond, uint32_t variant)
{
    all->u32 = 1 + variant % 1000;
    all->i8 = -5;
    all->flag = true;
    all->kind = 3;
    all->flags = 0x2009;
    all->address = 0x12340;
    all->num_ring = all->count = 1 + variant % 4;
    all->index = 2;
    all->num_path = variant % 4;
    all->num_far = variant % 6;
    all->far = (struct point *)(void *)(beyond + ALL_FAR);
    all->num_blob = 20;
    all->num_text = 5;
    all->text = memcpy(beyond + ALL_TEXT, "hello", 5);
    all->has_spare = variant % 2 == 0;
    all->choice_shape = variant % 2;
    all->jobs = (struct job *)(void *)(beyond + ALL_JOBS);
    all->num_jobs = variant % 4;
    for (uint32_t i = 0; i < 3; i++) {
        all->jobs[i].layout = i % 2;
        if (i % 2 == 0)
            all->jobs[i].u.alarm.bell = 7;
        else
            all->jobs[i].u.task.num_name = 2, memcpy(all->jobs[i].u.task.name, "ab", 2);
    }
}
