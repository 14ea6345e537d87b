namespace GpuStack.Operator.Tests.Supervision.Rpc;

/// <summary>Reads what is given and records what is written; counts how much was ever asked for.</summary>
internal sealed class ScriptedStream(byte[] answers) : MemoryStream(answers, writable: false)
{
    public List<byte> Written { get; } = [];

    public int LargestRead { get; private set; }

    public override bool CanWrite => true;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRead = Math.Max(LargestRead, buffer.Length);
        return base.ReadAsync(buffer, cancellationToken);
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Written.AddRange(buffer.Span);
        return ValueTask.CompletedTask;
    }
}
