using System.Collections.Immutable;
using GpuStack.Modeling.Sources;

namespace GpuStack.Modeling.Gguf;

/// <summary>
/// Reads the header of a model, whether it is one file or split into several. The rules of a split model are llama.cpp's: every file
/// states <c>split.count</c> and its own <c>split.no</c> (from 0), the first one has the metadata and is the one to name, the others
/// are found by their names beside it, and all tensors together are <c>split.tensors.count</c>.
/// </summary>
public static class GgufFiles
{
    /// <summary>Files that are read at a time.</summary>
    private const int AtOnce = 4;

    /// <summary>Reads the header of a file, and those of the other files when the model is split; they are joined to one.</summary>
    /// <param name="fileName">The name of the file, as <paramref name="openAsync"/> takes it.</param>
    /// <param name="openAsync">
    /// Opens that file, and the others of the model by names that differ in their number only; null when there is no such file.
    /// Called from several threads at a time; what it returns is closed here.
    /// </param>
    /// <param name="limits">Bounds; those on tensors and memory hold for all files together.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="GgufFormatException">A file holds no header that can be read, or the files do not belong together.</exception>
    /// <exception cref="ByteRangeException">A file is missing or cannot be read.</exception>
    public static async Task<GgufHeader> ReadAsync(
        string fileName, Func<string, CancellationToken, ValueTask<IByteRangeSource?>> openAsync, GgufLimits? limits = null, CancellationToken cancellationToken = default)
    {
        var budget = new GgufBudget(limits ?? GgufLimits.Default);
        GgufHeader first = await ReadOneAsync(fileName, openAsync, budget, cancellationToken).ConfigureAwait(false);
        if (first.Metadata.Integer("split.count") is not (> 1 and long count))
        {
            return first;
        }

        if (count > budget.Limits.Parts)
        {
            throw new GgufFormatException(first.Name, $"is split into {count} files, more than the {budget.Limits.Parts} allowed", GgufReader.Damaged);
        }

        GgufSplitName name = FirstName(first, fileName, (int)count);
        var parts = new GgufHeader[count];
        parts[0] = first;
        var totals = new Totals(budget.Limits);
        totals.Add(first);
        await Parallel.ForEachAsync(
            Enumerable.Range(1, parts.Length - 1),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (index, token) =>
            {
                GgufHeader part = await ReadPartAsync(name with { Index = index }, openAsync, budget, token).ConfigureAwait(false);
                CheckPart(first, part, index, parts.Length);
                totals.Add(part);
                parts[index] = part;
            }).ConfigureAwait(false);
        return Join(ImmutableArray.Create(parts));
    }

    /// <summary>The name that the first file has, checked against what its header says.</summary>
    private static GgufSplitName FirstName(GgufHeader header, string fileName, int count)
    {
        long? index = header.Metadata.Integer("split.no");
        GgufSplitName? name = GgufSplitName.Parse(fileName);
        if (index is > 0 && index < count)
        {
            string first = name is null ? $"-{1:00000}-of-{count:00000}.gguf" : (name with { Index = 0, Count = count }).ToString();
            throw new GgufFormatException(
                header.Name, $"is part {index + 1} of the {count} that the model is split into", $"name the first one, {(name is null ? "which ends in " : "")}{first}");
        }

        if (index != 0)
        {
            throw new GgufFormatException(header.Name, $"has {Stated(index)}, where 0 to {count - 1} is expected", GgufReader.Damaged);
        }

        return name is { Index: 0 } && name.Count == count
            ? name
            : throw new GgufFormatException(
                header.Name,
                $"is the first of the {count} files that the model is split into, but is not named so",
                $"give it back the name that ends in -{1:00000}-of-{count:00000}.gguf, by which the other files are found");
    }

    private static async Task<GgufHeader> ReadOneAsync(
        string fileName, Func<string, CancellationToken, ValueTask<IByteRangeSource?>> openAsync, GgufBudget budget, CancellationToken cancellationToken)
    {
        IByteRangeSource source = await openAsync(fileName, cancellationToken).ConfigureAwait(false)
            ?? throw new ByteRangeException($"{fileName}: there is no such file; check the name.");
        await using (source.ConfigureAwait(false))
        {
            return await GgufReader.ReadAsync(source, budget, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<GgufHeader> ReadPartAsync(
        GgufSplitName name, Func<string, CancellationToken, ValueTask<IByteRangeSource?>> openAsync, GgufBudget budget, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadOneAsync(name.ToString(), openAsync, budget, cancellationToken).ConfigureAwait(false);
        }
        catch (ByteRangeException exception)
        {
            throw new ByteRangeException($"{exception.Message.TrimEnd('.')} (part {name.Index + 1} of {name.Count} of the model, all of which are needed).", exception)
            {
                IsTransient = exception.IsTransient,
                Status = exception.Status,
            };
        }
    }

    private static void CheckPart(GgufHeader first, GgufHeader part, int index, int count)
    {
        if (part.Metadata.Integer("split.no") is var number && number != index)
        {
            throw new GgufFormatException(part.Name, $"has {Stated(number)}, where its name stands for {index}", "the files were mixed up: download the model again");
        }

        if (part.Metadata.Integer("split.count") is long stated && stated != count)
        {
            throw new GgufFormatException(part.Name, $"has split.count {stated}, where the first file has {count}", "the files are of different models: download the model again");
        }

        if (part.BigEndian != first.BigEndian)
        {
            throw new GgufFormatException(part.Name, "has another byte order than the first file", "the files are of different models: download the model again");
        }
    }

    private static GgufHeader Join(ImmutableArray<GgufHeader> parts)
    {
        GgufHeader first = parts[0];
        ImmutableArray<GgufTensor>.Builder tensors = ImmutableArray.CreateBuilder<GgufTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (GgufHeader part in parts)
        {
            foreach (GgufTensor tensor in part.Tensors)
            {
                if (!names.Add(tensor.Name))
                {
                    throw new GgufFormatException(
                        part.Name, $"has the tensor {GgufReader.Quote(tensor.Name)} that another file of the model has too", "the files are of different models: download the model again");
                }
            }

            tensors.AddRange(part.Tensors);
        }

        return first.Metadata.Integer("split.tensors.count") is var stated && stated == tensors.Count
            ? first with { Tensors = tensors.DrainToImmutable(), Parts = parts }
            : throw new GgufFormatException(
                first.Name,
                $"has {(stated is null ? "no split.tensors.count" : $"split.tensors.count {stated}")}, but the {parts.Length} files of the model have {tensors.Count} tensors",
                "the files are incomplete or of different models: download the model again");
    }

    private static string Stated(long? number) => number is null ? "no split.no" : $"split.no {number}";

    /// <summary>What all files have together; checked as each is read, so that a hostile set ends early.</summary>
    private sealed class Totals(GgufLimits limits)
    {
        private readonly Lock _lock = new();
        private long _tensors;
        private long _headerBytes;
        private long _fileBytes;

        public void Add(GgufHeader part)
        {
            lock (_lock)
            {
                _tensors += part.Tensors.Length;
                _headerBytes += part.DataOffset;
                if (_tensors > limits.Tensors)
                {
                    throw new GgufFormatException(part.Name, $"brings the tensors of the split model to {_tensors}, more than the {limits.Tensors} allowed", GgufReader.Damaged);
                }

                if (_headerBytes > limits.HeaderBytes)
                {
                    throw new GgufFormatException(part.Name, $"brings the headers of the split model beyond {limits.HeaderBytes >> 20} MiB", GgufReader.Damaged);
                }

                if (part.FileSize > long.MaxValue - limits.HeaderBytes - _fileBytes)
                {
                    throw new GgufFormatException(part.Name, "brings the size of the split model beyond 2^63 bytes", GgufReader.Damaged);
                }

                _fileBytes += part.FileSize;
            }
        }
    }
}
