namespace GpuStack.Operator.Supervision;

/// <summary>Holds the newest snapshot: written by the supervisor, read by the status server.</summary>
internal sealed class SupervisorBoard
{
    private const int MaxMessage = 2048;

    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private SupervisorSnapshot _current = new();

    public SupervisorSnapshot Current
    {
        get
        {
            lock (_gate)
                return _current;
        }
    }

    /// <summary>Once it is Stopping it stays so.</summary>
    public void Update(Func<SupervisorSnapshot, SupervisorSnapshot> change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            var next = change(_current);
            if (_current.State == SupervisorState.Stopping)
                next = next with { State = SupervisorState.Stopping };
            _current = next with { Message = next.Message.Length > MaxMessage ? next.Message[..MaxMessage] : next.Message };
            changed = _changed;
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }

    /// <summary>The first snapshot, from now on, that fulfils the condition.</summary>
    public async Task<SupervisorSnapshot> WaitAsync(Func<SupervisorSnapshot, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            SupervisorSnapshot current;
            Task changed;
            lock (_gate)
            {
                current = _current;
                changed = _changed.Task;
            }
            if (condition(current))
                return current;
            await changed.WaitAsync(cancellationToken);
        }
    }
}
