using System.Net;
using System.Net.Sockets;

namespace GpuStack.Simulator.Timing;

/// <summary>
/// Recognizes that nothing in this process works or is about to.
/// <para>
/// Asynchronous work is always in one of three places: queued to or running on the thread pool, which counts both; in a socket of this
/// machine as readiness that the runtime's epoll thread has not yet handed to the pool; or waiting for something that one of these
/// brings about. The pool can be asked. For the epoll thread there is a fence: a byte sent over a connection of our own becomes ready after
/// everything that was ready before, and is handed to the pool no earlier. One round is: the pool is idle, the fence passes, the pool is
/// idle again. Every message on its way makes at least one work item in a round, so that a round in which the pool did nothing but the
/// fence's one item shows that there was none. Two such rounds in a row are asked for, for the rare item of the runtime's own.
/// </para>
/// </summary>
internal sealed class Quiescence : IDisposable
{
    private const int QuietRounds = 2;
    private const long ItemsOfTheFence = 1;

    /// <summary>A pool thread that has been busy for so long while nothing ended waits for something without giving its thread back.</summary>
    private static readonly TimeSpan Blocked = TimeSpan.FromSeconds(2);

    /// <summary>Of this process's own time on processors: on a busy machine the same work takes many times as long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Socket _sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Socket _receiver;
    private readonly byte[] _byte = [1];

    /// <exception cref="SocketException">The machine has no loopback interface.</exception>
    public Quiescence()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        _sender.Connect(listener.LocalEndPoint!);
        _receiver = listener.Accept();
    }

    /// <summary>Returns when nothing works; must not be called on the thread pool.</summary>
    /// <exception cref="TimeoutException">Something works all the time.</exception>
    public void Wait(CancellationToken cancellationToken)
    {
        var (start, worked) = (TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime);
        for (var quiet = 0; quiet < QuietRounds;)
        {
            AwaitIdlePool(start, worked, cancellationToken);
            var before = ThreadPool.CompletedWorkItemCount;
            PassFence(cancellationToken);
            AwaitIdlePool(start, worked, cancellationToken);
            quiet = ThreadPool.CompletedWorkItemCount - before <= ItemsOfTheFence ? quiet + 1 : 0;
        }
    }

    public void Dispose()
    {
        _sender.Dispose();
        _receiver.Dispose();
    }

    private void PassFence(CancellationToken cancellationToken)
    {
        // Received first: only a receive that waits goes through the epoll thread.
        var received = _receiver.ReceiveAsync(_byte.AsMemory(), SocketFlags.None, cancellationToken).AsTask();
        _sender.Send([1]);
        received.GetAwaiter().GetResult();
    }

    private static void AwaitIdlePool(long start, TimeSpan worked, CancellationToken cancellationToken)
    {
        var completed = ThreadPool.CompletedWorkItemCount;
        var lastProgress = start;
        for (var turn = 0; ThreadPool.PendingWorkItemCount > 0 || BusyThreads() > 0; turn++)
        {
            Thread.Yield();
            if (turn % 64 != 63)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            // The pool's threads need the processors more than this one.
            cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(turn < 1024 ? 0 : 1));
            var now = TimeProvider.System.GetTimestamp();
            if (ThreadPool.CompletedWorkItemCount != completed || ThreadPool.PendingWorkItemCount > 0)
                (completed, lastProgress) = (ThreadPool.CompletedWorkItemCount, now);
            else if (lastProgress != start && TimeProvider.System.GetElapsedTime(lastProgress, now) > Blocked)
                return;
            else if (lastProgress == start)
                lastProgress = now;
            if (Environment.CpuUsage.TotalTime - worked > Patience)
                throw new TimeoutException($"The process has not been quiet for a moment in {Patience.TotalSeconds:0} s of work, so that the virtual clock cannot move; run what works beside it at another time.");
        }
    }

    private static int BusyThreads()
    {
        ThreadPool.GetMaxThreads(out var most, out _);
        ThreadPool.GetAvailableThreads(out var free, out _);
        return most - free;
    }
}
