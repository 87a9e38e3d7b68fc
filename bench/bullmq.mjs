// BullMQ's side: `node bullmq.mjs add|work PORT POSTS DUE CONCURRENCY`. Run from a directory that has bullmq, ioredis and undici.
import { createRequire } from "node:module";
const require = createRequire(process.cwd() + "/");
const { Queue, Worker } = require("bullmq");
const { Pool } = require("undici");

const [, , verb, sink, redis, posts, due, concurrency] = process.argv;
const connection = { host: "127.0.0.1", port: Number(redis), maxRetriesPerRequest: null };

if (verb === "add") {
    const queue = new Queue("posts", { connection });
    await queue.waitUntilReady();
    for (let start = 0; start < Number(posts); start += 500) {
        const batch = [];
        for (let i = start; i < Math.min(start + 500, Number(posts)); i++) {
            batch.push({
                name: "post",
                data: { post: `post ${i}` },
                opts: { delay: Math.max(0, Number(due) - Date.now()), removeOnComplete: true },
            });
        }
        await queue.addBulk(batch);
    }
    await queue.close();
} else {
    const pool = new Pool(`http://127.0.0.1:${sink}`, { connections: Number(concurrency), pipelining: 1 });
    new Worker(
        "posts",
        async (job) => {
            const { body } = await pool.request({
                path: "/", method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(job.data),
            });
            await body.text();
        },
        { connection, concurrency: Number(concurrency) },
    );
    console.log("ready");
}
