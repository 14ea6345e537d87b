using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace GpuStack.Modeling.Fetching;

/// <summary>The digests of a file's bytes, taken as they come.</summary>
internal sealed class ContentHash : IDisposable
{
    private readonly IncrementalHash _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash? _git;

    public ContentHash(FetchFile file)
    {
        if (file is { Sha256: null, GitBlob: not null })
        {
            // No secret depends on it: it is what git calls the file.
            _git = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
            _git.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"blob {file.Size}\0")));
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _sha256.AppendData(bytes);
        _git?.AppendData(bytes);
    }

    /// <summary>Ends the digests: SHA-256, and the sentence's end about what is wrong, null when nothing is.</summary>
    public (string Sha256, string? Wrong) Verify(FetchFile file)
    {
        string sha256 = Convert.ToHexStringLower(_sha256.GetHashAndReset());
        if (file.Sha256 is { } expected)
        {
            return (sha256, sha256 == expected ? null : $"its sha256 is {sha256}, expected is {expected}");
        }

        return _git is not null && Convert.ToHexStringLower(_git.GetHashAndReset()) is var blob && blob != file.GitBlob
            ? (sha256, $"its git digest is {blob}, expected is {file.GitBlob}")
            : (sha256, null);
    }

    public void Dispose()
    {
        _sha256.Dispose();
        _git?.Dispose();
    }
}
