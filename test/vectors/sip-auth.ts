/** The parts of sip-auth.json that have many fields, as a type: every value is lower-case hex unless its name says text. */
export interface SipAuthVectors {
  ntlmv2: Record<
    'password' | 'user' | 'domain' | 'serverChallenge' | 'clientChallenge' | 'time' | 'targetInfo' | 'ntowfv2' | 'lmv2' | 'ntProof'
    | 'sessionBaseKey' | 'exportedSessionKey' | 'encryptedSessionKey' | 'clientSignKey' | 'clientSealKey', string>;
  ntlmSip: Record<
    'user' | 'domain' | 'password' | 'host' | 'serverChallenge' | 'clientChallenge' | 'time' | 'targetInfo' | 'ntProof' | 'lm'
    | 'encryptedSessionKey' | 'exportedSessionKey' | 'requestString' | 'response' | 'responseString' | 'rspauth', string>
    & Record<'challengeFlags' | 'authenticateFlags' | 'sequence', number>;
}
