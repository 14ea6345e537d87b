using System.Collections.Concurrent;
using GpuStack.Modeling.Gguf;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests.Gguf;

/// <summary>A folder of files in memory, that counts how many are open at a time.</summary>
internal sealed class FilesInMemory
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private int _open;
    private int _mostOpen;

    public byte[] this[string name]
    {
        get => _files[name];
        set => _files[name] = value;
    }

    public int MostOpen => _mostOpen;

    public int Open => _open;

    /// <summary>Awaited by every file before it is opened.</summary>
    public Func<string, Task> Waits { get; set; } = _ => Task.CompletedTask;

    public void Remove(string name) => _files.Remove(name, out _);

    public Task<GgufHeader> ReadAsync(string name, GgufLimits? limits = null) =>
        GgufFiles.ReadAsync(name, OpenAsync, limits, TestContext.Current.CancellationToken);

    public async ValueTask<IByteRangeSource?> OpenAsync(string name, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue(name, out byte[]? bytes))
        {
            return null;
        }

        int open = Interlocked.Increment(ref _open);
        int most;
        while (open > (most = _mostOpen) && Interlocked.CompareExchange(ref _mostOpen, open, most) != most)
        {
        }

        await Waits(name);
        return new Opened(this, name, bytes);
    }

    private sealed class Opened(FilesInMemory files, string name, byte[] bytes) : IByteRangeSource
    {
        private readonly BytesSource _bytes = new(bytes, lengthKnown: true);

        public string Name => name;

        public long? Length => _bytes.Length;

        public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            _bytes.ReadAsync(offset, buffer, cancellationToken);

        public ValueTask DisposeAsync()
        {
            Interlocked.Decrement(ref files._open);
            return ValueTask.CompletedTask;
        }
    }
}
