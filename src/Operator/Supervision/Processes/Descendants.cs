using System.Globalization;
using System.Runtime.InteropServices;

namespace GpuStack.Operator.Supervision.Processes;

/// <summary>
/// What the engine leaves behind. Processes whose parent ended come to the supervisor (it is PID 1 of the container, and asks for them where
/// it is not); it takes their exit so that no zombies gather, and ends those that outlive the engine, since they may hold GPU memory and the port.
/// The engine itself is .NET's to reap: under <see cref="_gate"/> its id is always known, from before it can end.
/// </summary>
internal sealed class Descendants : IDisposable
{
    private readonly Lock _gate = new();
    private readonly PosixSignalRegistration? _registration;
    private EngineProcess? _engine;

    /// <param name="adopt">False leaves processes alone: in a process that is not the supervisor's own.</param>
    public Descendants(bool adopt)
    {
        if (adopt && OperatingSystem.IsLinux() && PosixProcess.AdoptOrphans())
            _registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ => Reap());
    }

    /// <summary>Starts a process whose exit is left to .NET.</summary>
    public EngineProcess Start(Func<EngineProcess> start)
    {
        lock (_gate)
        {
            return _engine = start();
        }
    }

    /// <summary>To the engine, if one runs; one that is just starting is waited for.</summary>
    public void Signal(int signal)
    {
        lock (_gate)
            _engine?.Signal(signal);
    }

    /// <summary>Ends what is left after the engine's exit; returns how many processes that were.</summary>
    public int EndLeftovers()
    {
        if (_registration is null)
            return 0;
        var ended = new HashSet<int>();
        lock (_gate)
        {
            // Children of those that end come to us in turn; a tree of processes is not deep.
            for (var round = 0; round < 16; round++)
            {
                var alive = Children().Where(child => child.Stat.State != 'Z' && child.Pid != _engine?.Id && !ended.Contains(child.Pid)).ToList();
                if (alive.Count == 0)
                    break;
                foreach (var (pid, _) in alive)
                {
                    if (PosixProcess.Signal(pid, PosixProcess.SigKill))
                        ended.Add(pid);
                }
            }
        }
        Reap();
        return ended.Count;
    }

    public void Dispose() => _registration?.Dispose();

    private void Reap()
    {
        lock (_gate)
        {
            foreach (var (pid, stat) in Children())
            {
                if (stat.State == 'Z' && pid != _engine?.Id)
                    PosixProcess.Reap(pid);
            }
        }
    }

    private static List<(int Pid, ProcessStat Stat)> Children()
    {
        var children = new List<(int, ProcessStat)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            if (ProcessStat.Read(pid) is { } stat && stat.Parent == Environment.ProcessId)
                children.Add((pid, stat));
        }
        return children;
    }
}
