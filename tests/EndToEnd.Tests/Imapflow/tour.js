// imapflow against a server: HOST PORT USER PASSWORD. Prints "done", or throws.
const assert = require('node:assert');
const { ImapFlow } = require('imapflow');

const [host, port, user, pass] = process.argv.slice(2);
const open = () => new ImapFlow({ host, port: Number(port), secure: true, auth: { user, pass }, tls: { rejectUnauthorized: false }, logger: false });
const message = (subject, text) => `From: a@x.test\r\nTo: ${user}\r\nSubject: ${subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}\r\n`;

(async () => {
    const one = open();
    const two = open();
    await one.connect();
    await two.connect();
    assert(one.enabled.has('CONDSTORE') || one.capabilities.has('CONDSTORE'));

    const made = await one.mailboxCreate(['Flöw', 'Süb']);
    assert.strictEqual(made.created, true);
    assert((await one.list()).some(box => box.path === 'Flöw/Süb'));
    assert((await one.list()).some(box => box.specialUse === '\\Sent'));

    await one.mailboxOpen(made.path);
    await two.mailboxOpen(made.path);
    const first = await one.append(made.path, message('Erste', 'Grüße'), ['\\Seen', '$label'], new Date('2026-01-05T10:00:00Z'));
    assert(first.uid > 0 && first.uidValidity > 0n);
    await one.append(made.path, message('Second', 'needle'));
    await two.noop();
    assert.strictEqual(two.mailbox.exists, 2);

    const fetched = await two.fetchOne('1', { uid: true, flags: true, envelope: true, internalDate: true, bodyStructure: true, source: true, size: true });
    assert.strictEqual(fetched.envelope.subject, 'Erste');
    assert.deepStrictEqual([...fetched.flags].sort(), ['$label', '\\Seen']);
    assert.strictEqual(fetched.internalDate.toISOString(), '2026-01-05T10:00:00.000Z');
    assert(fetched.source.toString().includes('Grüße') && fetched.size === fetched.source.length);
    assert.deepStrictEqual(await two.search({ body: 'needle' }, { uid: true }), [2]);
    assert.deepStrictEqual(await two.search({ or: [{ subject: 'erste' }, { seen: false }] }), [1, 2]);

    const told = new Promise(resolve => two.once('flags', resolve));
    const gone = new Promise(resolve => two.once('expunge', resolve));
    const idling = two.idle();
    assert(await one.messageFlagsAdd('2', ['\\Flagged']));
    assert((await told).flags.has('\\Flagged'));
    const moved = await one.messageMove('2', 'Archive');
    assert.strictEqual(moved.uidMap.size, 1);
    await gone;
    await two.noop();
    await idling;
    assert.strictEqual(two.mailbox.exists, 1);

    const { content } = await one.download('1', '1');
    let text = '';
    for await (const chunk of content) {
        text += chunk;
    }

    assert.strictEqual(text.trim(), 'Grüße');
    assert(await one.messageDelete('1'));
    assert.strictEqual((await one.status(made.path, { messages: true, uidNext: true })).messages, 0);
    await two.mailboxClose();
    await one.mailboxClose();
    await one.mailboxRename('Flöw/Süb', 'Flöw/Neu');
    await one.mailboxSubscribe('Flöw/Neu');
    await one.mailboxDelete('Flöw/Neu');
    await one.mailboxDelete('Flöw');
    assert(await one.getQuota('INBOX'));
    await one.logout();
    await two.logout();
    console.log('done');
})().catch(error => {
    console.error(error);
    process.exit(1);
});
