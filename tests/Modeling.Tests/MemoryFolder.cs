using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Tests;

/// <summary>A model's files in memory; a file without bytes fails as an unreachable one does.</summary>
internal sealed class MemoryFolder : IModelFolder
{
    private readonly Dictionary<string, byte[]?> _files = new(StringComparer.Ordinal);

    public string Name => "owner/model";

    public byte[]? this[string path]
    {
        set => _files[path] = value;
    }

    public ValueTask<IByteRangeSource?> OpenAsync(string path, CancellationToken cancellationToken)
    {
        if (!_files.TryGetValue(path, out byte[]? bytes))
        {
            return ValueTask.FromResult<IByteRangeSource?>(null);
        }

        return bytes is null
            ? throw new ByteRangeException($"{Name}/{path}: no answer within 10 s; try again.") { IsTransient = true }
            : ValueTask.FromResult<IByteRangeSource?>(new BytesSource(bytes));
    }
}
