namespace GpuStack.Operator.Supervision.Peers;

/// <summary>Tells of a wait while it lasts: on the board at every look, in the log when there is something new.</summary>
internal sealed class PeerWait(SupervisorBoard board, SupervisorLog log, TimeProvider time)
{
    private string _said = "";

    /// <summary>What is still waited for once the deadline is over.</summary>
    public static string Late(TimeSpan deadline, string message) => $"after {deadline.TotalSeconds:0.###} s still {message}";

    /// <summary>Says it and waits for the next look.</summary>
    /// <param name="message">What is waited for.</param>
    /// <param name="stalled">Whether it takes too long.</param>
    /// <param name="pause">Until the next look.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task PauseAsync(string message, bool stalled, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (message != _said)
            log.Say(message);
        _said = message;
        // The timer stands before anybody can see that we wait.
        var delay = Task.Delay(pause, time, cancellationToken);
        board.Update(current => current with { State = stalled ? SupervisorState.Stalled : SupervisorState.Waiting, Message = message });
        await delay;
    }
}
