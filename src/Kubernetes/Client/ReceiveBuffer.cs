using System.Buffers;

namespace GpuStack.Kubernetes.Client;

/// <summary>
/// What has arrived of a body and is not yet read, in one piece of pooled memory that grows to what a single object needs, and no further
/// than a limit.
/// </summary>
internal sealed class ReceiveBuffer : IDisposable
{
    /// <summary>etcd takes objects of some 1.5 MiB; nothing honest comes near this.</summary>
    public const int MaxObjectBytes = 16 * 1024 * 1024;

    private const int Ordinary = 32 * 1024;
    private const int LeastRead = 8 * 1024;

    private readonly Stream _stream;
    private readonly IdleLimit _limit;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Ordinary);
    private int _start;
    private int _end;

    public ReceiveBuffer(Stream stream, IdleLimit limit)
    {
        _stream = stream;
        _limit = limit;
    }

    /// <summary>What is to be read. Valid until the next fill.</summary>
    public ReadOnlySpan<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Nothing more will arrive.</summary>
    public bool IsComplete { get; private set; }

    public void Consume(int count) => _start += count;

    /// <summary>Waits for more.</summary>
    /// <exception cref="InvalidDataException">What is unread is already as much as an object may have.</exception>
    public async ValueTask FillAsync()
    {
        MakeRoom();
        var reading = _stream.ReadAsync(_bytes.AsMemory(_end), _limit.Token);
        int count;
        if (reading.IsCompleted)
        {
            count = await reading.ConfigureAwait(false);
        }
        else
        {
            _limit.Arm();
            try
            {
                count = await reading.ConfigureAwait(false);
            }
            finally
            {
                _limit.Disarm();
            }
        }

        _end += count;
        IsComplete = count == 0;
    }

    public void Dispose()
    {
        var bytes = _bytes;
        _bytes = [];
        (_start, _end) = (0, 0);
        if (bytes.Length > 0) ArrayPool<byte>.Shared.Return(bytes);
    }

    private void MakeRoom()
    {
        var unread = _end - _start;
        // After a large object the memory goes back.
        var size = unread < LeastRead && _bytes.Length > 8 * Ordinary ? Ordinary : _bytes.Length;
        while (size - unread < LeastRead) size *= 2;
        if (unread >= MaxObjectBytes)
            throw new InvalidDataException($"The API server sends an object of more than {MaxObjectBytes / (1024 * 1024)} MiB; none is read that is so large.");
        if (size == _bytes.Length && _bytes.Length - _end >= LeastRead) return;
        var target = size == _bytes.Length ? _bytes : ArrayPool<byte>.Shared.Rent(size);
        _bytes.AsSpan(_start, unread).CopyTo(target);
        if (target != _bytes)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = target;
        }

        (_start, _end) = (0, unread);
    }
}
